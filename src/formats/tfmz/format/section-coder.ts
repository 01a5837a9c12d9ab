import type {BitCoder} from '../coder/bit-coder.ts';
import {type ByteModel, byteModel} from '../coder/byte-model.ts';
import {BYTE_MODEL, GRID_MODEL} from '../coder/costs.ts';
import {type FloatModel, floatModel} from '../coder/float-model.ts';
import {type GridModel, gridModel} from '../coder/grid-model.ts';
import {type SignModel, signModel} from '../coder/sign-model.ts';
import type {Version} from '../coder/version.ts';
import type {Meter} from './meter.ts';

/** Models of grids: weights that share them share what was learned. */
export interface GridModels {
  readonly grid: () => GridModel;
  readonly float: () => FloatModel;
  readonly zeroSigns: () => SignModel;
}

/** What codes the weights of one section, in either direction, and the models they share. */
export interface SectionCoder {
  readonly version: Version;
  readonly coder: BitCoder;
  /** Whether `coder` reads. */
  readonly decoding: boolean;
  readonly meter: Meter;
  readonly bytes: () => ByteModel;
  /** The models for a weight of `rank` axes. */
  readonly grids: (rank: number) => GridModels;
}

/** A coder with fresh models, each made, and paid for, when it is asked for first. */
export function sectionCoder(version: Version, coder: BitCoder, decoding: boolean, meter: Meter): SectionCoder {
  const gridModels = (): GridModels => ({
    grid: once(() => gridModel(version), GRID_MODEL, meter),
    float: once(() => floatModel(version), GRID_MODEL, meter),
    zeroSigns: once(signModel, 0, meter),
  });
  const kernels = gridModels();
  // Biases and the parameters of a normalisation are no kernels: from format 2 on they have models of their own.
  const vectors = version === 1 ? kernels : gridModels();
  return {
    version,
    coder,
    decoding,
    meter,
    bytes: once(() => byteModel(version), BYTE_MODEL[version], meter),
    grids: rank => (rank < 2 ? vectors : kernels),
  };
}

function once<T>(make: () => T, decisions: number, meter: Meter): () => T {
  let made: T | undefined;
  return () => {
    if (made === undefined) {
      meter.spend(decisions);
      made = make();
    }
    return made;
  };
}
