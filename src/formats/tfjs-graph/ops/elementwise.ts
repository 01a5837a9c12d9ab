import {activated, cast, clipped, mapped, merged, selected, sloped, summed} from '../../fold/elementwise.ts';
import type {Binary, Unary} from '../../fold/numbers.ts';
import {numbersOf, unsupportedNode} from '../../fold/site.ts';
import {constantOf, type NumberKind} from '../../fold/value.ts';
import {flagOf, floatOf, typeOf} from '../nodes.ts';
import {ACTIVATIONS, checkLayout, inputOf, type NodeImporter} from './node-call.ts';

const binary =
  (kind: Binary): NodeImporter =>
  call =>
    merged(call, kind, inputOf(call, 0), inputOf(call, 1));

const unary =
  (kind: Unary): NodeImporter =>
  call =>
    mapped(call, kind, inputOf(call, 0));

const activation: NodeImporter = call => activated(call, inputOf(call, 0), ACTIVATIONS[call.node.op]!(call.node));

/** The kind of numbers of a type. */
export function numberKind(type: string): NumberKind {
  if (type === 'DT_BOOL') return 'bool';
  return /^DT_U?INT/.test(type) ? 'int' : 'float';
}

const clip: NodeImporter = call => {
  const [low, high] = [numbersOf(call, call.inputs[1], 'a bound'), numbersOf(call, call.inputs[2], 'a bound')];
  if (low.length !== 1 || high.length !== 1) throw unsupportedNode(call, 'has more than one bound on each side.');
  return clipped(call, inputOf(call, 0), low[0]!, high[0]!);
};

/** Batch normalisation as a factor and a summand a channel. */
const normalization: NodeImporter = call => {
  checkLayout(call);
  if (flagOf(call.node, 'is_training')) throw unsupportedNode(call, 'normalises by the batch, as in training.');
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map(i => inputOf(call, i));
  const epsilon = constantOf(call.name, [], [floatOf(call.node, 'epsilon', 1e-4)]);
  const factor = merged(call, 'multiply', gamma!, mapped(call, 'rsqrt', merged(call, 'add', variance!, epsilon)));
  const summand = merged(call, 'subtract', beta!, merged(call, 'multiply', mean!, factor));
  return merged(call, 'add', merged(call, 'multiply', inputOf(call, 0), factor), summand);
};

/** `x / y`, and 0 where `y` is 0: `x * (y / y ** 2)` with a least `y ** 2`, which holds for `y` from 1e-19 on. */
const dividedOrZero: NodeImporter = call => {
  const divisor = inputOf(call, 1);
  const least = constantOf(call.name, [], [2 ** -126]);
  const square = merged(call, 'maximum', mapped(call, 'square', divisor), least);
  return merged(call, 'multiply', inputOf(call, 0), merged(call, 'divide', divisor, square));
};

/** What goes number by number. */
export const ELEMENTWISE: Readonly<Record<string, NodeImporter>> = {
  ...Object.fromEntries(Object.keys(ACTIVATIONS).map(name => [name, activation])),
  Abs: unary('abs'),
  Add: binary('add'),
  AddN: call => summed(call, call.inputs),
  AddV2: binary('add'),
  BiasAdd: call => {
    checkLayout(call);
    return merged(call, 'add', inputOf(call, 0), inputOf(call, 1));
  },
  Cast: call => cast(call, inputOf(call, 0), numberKind(typeOf(call.node, 'DstT'))),
  Ceil: unary('ceil'),
  ClipByValue: clip,
  Cos: unary('cos'),
  Div: binary('divide'),
  DivNoNan: dividedOrZero,
  Equal: binary('equal'),
  Erf: unary('erf'),
  Exp: unary('exponential'),
  Floor: unary('floor'),
  FloorDiv: binary('floor-divide'),
  FloorMod: binary('modulo'),
  FusedBatchNorm: normalization,
  FusedBatchNormV2: normalization,
  FusedBatchNormV3: normalization,
  Greater: binary('greater'),
  GreaterEqual: binary('greater-equal'),
  Inv: unary('reciprocal'),
  Less: binary('less'),
  LessEqual: binary('less-equal'),
  Log: unary('log'),
  LogicalAnd: binary('and'),
  LogicalNot: unary('not'),
  LogicalOr: binary('or'),
  Maximum: binary('maximum'),
  Minimum: binary('minimum'),
  Mod: binary('modulo'),
  Mul: binary('multiply'),
  Neg: unary('negate'),
  NotEqual: binary('not-equal'),
  Pow: binary('power'),
  Prelu: call => sloped(call, inputOf(call, 0), inputOf(call, 1)),
  RealDiv: binary('divide'),
  Reciprocal: unary('reciprocal'),
  Round: unary('round'),
  Rsqrt: unary('rsqrt'),
  Select: call => selected(call, inputOf(call, 0), inputOf(call, 1), inputOf(call, 2)),
  SelectV2: call => selected(call, inputOf(call, 0), inputOf(call, 1), inputOf(call, 2)),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Sqrt: unary('sqrt'),
  Square: unary('square'),
  SquaredDifference: binary('squared-difference'),
  Sub: binary('subtract'),
};
