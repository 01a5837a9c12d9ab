import {ARRANGE} from './arrange.ts';
import {COMPUTE} from './compute.ts';
import {ELEMENTWISE} from './elementwise.ts';
import {inputOf, type NodeImporter} from './node-call.ts';
import {WINDOWS} from './windows.ts';

const same: NodeImporter = call => inputOf(call, 0);

/** The import rule of every kind of node, except constants and inputs: the one table that a new kind joins. */
export const NODES: Readonly<Record<string, NodeImporter>> = {
  ...ARRANGE,
  ...COMPUTE,
  ...ELEMENTWISE,
  ...WINDOWS,
  EnsureShape: same,
  Identity: same,
  PlaceholderWithDefault: same,
  PreventGradient: same,
  Snapshot: same,
  StopGradient: same,
};
