import type {LayersModel} from '@tensorflow/tfjs-layers';

/** A model made ready on one engine. */
export interface Session {
  /** One inference: from an input in a typed array to the output's values in one, in the engine's own layout. */
  run(): Float32Array | Promise<Float32Array>;
  /** The output of a run in channels-last order, to compare. */
  channelsLast(output: Float32Array): Float32Array;
  dispose(): void | Promise<void>;
}

/** What a session is made of. */
export interface Task {
  readonly model: LayersModel;
  readonly inputShape: readonly number[];
  /** Channels last; a session reorders it before, not while it is timed, if its engine wants that. */
  readonly input: Float32Array;
}

/** An engine to compare, on one thread. */
export interface Runner {
  readonly name: string;
  /** Name and version of what runs. */
  readonly version: string;
  prepare(task: Task): Promise<Session>;
}
