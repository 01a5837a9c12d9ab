import type {Config, LayerSpec} from './config.ts';
import type {CallOfLayer, Topology} from './topology.ts';
import {callsInOrder, readModel} from './topology.ts';

/** A model, read once however often it is called: its layers, and their calls in the order in which they run. */
export interface ModelPlan extends Topology {
  readonly order: readonly CallOfLayer[];
}

/** The plans of the models inside a model. */
export interface ModelPlans {
  /** @throws TfmotError `invalid-topology` when the model is not sound. */
  of(model: LayerSpec): ModelPlan;
}

/** Reads each model when it is first asked for. */
export function modelPlans(): ModelPlans {
  const plans = new Map<Config, ModelPlan>();
  return {
    of: model => {
      const known = plans.get(model.config);
      if (known !== undefined) return known;
      const topology = readModel(model);
      const plan = {...topology, order: callsInOrder(topology)};
      plans.set(model.config, plan);
      return plan;
    },
  };
}
