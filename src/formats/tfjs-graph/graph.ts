import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {GraphOptions} from '../../artifacts/open-model.ts';
import {TfmotError} from '../../errors.ts';
import type {Graph} from '../../graph/graph.ts';

/** soon */
export function graphOf(_artifacts: ModelArtifacts, _options: GraphOptions): Graph {
  throw new TfmotError('unsupported-model', 'A graph model cannot be run yet.');
}
