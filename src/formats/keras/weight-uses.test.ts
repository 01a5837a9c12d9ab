import fc from 'fast-check';
import {expect, test} from 'vitest';
import {layerTree} from './layer-tree.ts';
import {readTopology} from './topology.ts';
import {mapWeights} from './weight-uses.ts';

const layer = (class_name: string, name: string, config: object = {}): object => ({
  class_name,
  config: {name, ...config},
});
const sequential = (name: string, layers: readonly object[]): object => layer('Sequential', name, {layers});

/** `layer weight role` of one weight, `nobody` where no layer claims it. */
function ownerOf(topology: object, name: string, rank = 2): string {
  const spec = {name, shape: Array.from({length: rank}, () => 2), dtype: 'float32'} as const;
  const [use] = mapWeights([spec], layerTree(readTopology(topology))).uses.get(name) ?? [];
  return use === undefined ? 'nobody' : `${use.layer} ${use.weight} ${use.role}`;
}

const plain = sequential('s', [
  layer('Dense', 'd'),
  layer('BatchNormalization', 'bn'),
  layer('BatchNormalization', 'unscaled', {scale: false}),
  layer('BatchNormalization', 'bare', {scale: false, center: false}),
  layer('Dense', 'nobias', {use_bias: false}),
  layer('PReLU', 'slopes'),
  layer('Normalization', 'norm'),
  layer('DepthwiseConv2D', 'dw'),
  layer('SeparableConv2D', 'sep'),
  layer('Embedding', 'em'),
  layer('LSTM', 'lstm'),
  layer('MultiHeadAttention', 'mha'),
  layer('Frobnicate', 'custom'),
]);

test.each([
  ['d/kernel', 'd kernel kernel'],
  ['d/bias', 'd bias bias'],
  ['s/d/kernel', 'd kernel kernel'],
  ['other_model/s/d/kernel', 'd kernel kernel'],
  ['d/vars/0', 'd kernel kernel'],
  ['d/vars/1', 'd bias bias'],
  ['d/vars/2', 'nobody'],
  ['nobias/vars/1', 'nobody'],
  ['bn/vars/0', 'bn gamma normalisation'],
  ['bn/vars/3', 'bn moving_variance statistic'],
  ['unscaled/vars/0', 'unscaled beta normalisation'],
  ['unscaled/vars/2', 'unscaled moving_variance statistic'],
  ['bare/vars/0', 'bare moving_mean statistic'],
  ['bare/vars/1', 'bare moving_variance statistic'],
  ['bare/vars/2', 'nobody'],
  ['slopes/alpha', 'slopes alpha slope'],
  ['norm/mean', 'norm mean statistic'],
  ['mean', 'norm mean statistic'],
  ['kernel', 'nobody'],
  ['dw/depthwise_kernel', 'dw depthwise_kernel depthwise'],
  ['dw/kernel', 'dw depthwise_kernel depthwise'],
  ['sep/pointwise_kernel', 'sep pointwise_kernel pointwise'],
  ['em/embeddings', 'em embeddings embedding'],
  ['lstm/kernel', 'lstm kernel kernel'],
  ['lstm/lstm_cell/recurrent_kernel', 'lstm recurrent_kernel recurrent'],
  ['lstm/lstm_cell_3/bias', 'lstm bias bias'],
  ['lstm/cell/vars/1', 'lstm recurrent_kernel recurrent'],
  ['mha/query/kernel', 'mha query/kernel kernel'],
  ['custom/kernel', 'nobody'],
  ['kernel', 'nobody'],
  ['stranger/kernel', 'nobody'],
  ['d/somewhere/kernel', 'nobody'],
])('%s belongs to %s', (name, owner) => {
  expect(ownerOf(plain, name)).toBe(owner);
});

const nested = sequential('outer', [
  layer('Dense', 'block'),
  layer('Dense', 'block/project'),
  layer('Dense', 'a/b/c'),
  sequential('tail', [layer('Dense', 't1'), layer('Conv2D', 'block')]),
  sequential('net', [sequential('inner', [layer('Dense', 'deep')])]),
  layer('TimeDistributed', 'td', {layer: layer('Dense', 'inside')}),
  layer('Bidirectional', 'both', {layer: layer('GRU', 'gru')}),
  layer('Bidirectional', 'again', {layer: layer('LSTM', 'forward_lstm')}),
  layer('Bidirectional', 'two', {layer: layer('LSTM', 'ahead'), backward_layer: layer('GRU', 'behind')}),
  layer('RNN', 'rnn', {cell: layer('LSTMCell', 'one')}),
  layer('RNN', 'stack', {
    cell: layer('StackedRNNCells', 'cells', {cells: [layer('LSTMCell', 'x'), layer('GRUCell', 'y')]}),
  }),
]);

test.each([
  ['block/kernel', 'block kernel kernel'],
  ['block/project/kernel', 'block/project kernel kernel'],
  ['a/b/c/bias', 'a/b/c bias bias'],
  ['tail/t1/kernel', 'tail/t1 kernel kernel'],
  ['t1/kernel', 'tail/t1 kernel kernel'],
  ['outer/tail/block/kernel', 'tail/block kernel kernel'],
  ['outer/net/inner/deep/kernel', 'net/inner/deep kernel kernel'],
  ['td/kernel', 'td kernel kernel'],
  ['td/inside/kernel', 'td kernel kernel'],
  ['both/forward_gru/kernel', 'both/forward_gru kernel kernel'],
  ['both/backward_gru/gru_cell_1/recurrent_kernel', 'both/backward_gru recurrent_kernel recurrent'],
  ['both/backward_layer/cell/vars/0', 'both/backward_gru kernel kernel'],
  ['again/forward_forward_lstm/kernel', 'again/forward_lstm kernel kernel'],
  ['again/forward_lstm/kernel', 'again/forward_lstm kernel kernel'],
  ['again/backward_lstm/kernel', 'again/backward_lstm kernel kernel'],
  ['again/backward_forward_lstm/kernel', 'again/backward_lstm kernel kernel'],
  ['two/behind/recurrent_kernel', 'two/backward_behind recurrent_kernel recurrent'],
  ['rnn/kernel', 'rnn kernel kernel'],
  ['stack/RNNCell_1/recurrent_kernel', 'stack/y recurrent_kernel recurrent'],
])('in nested models %s belongs to %s', (name, owner) => {
  expect(ownerOf(nested, name)).toBe(owner);
});

test('a layer is found by any name, and under the names of its models', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}(\/[a-z][a-z0-9_]{0,6})?$/);
  fc.assert(
    fc.property(word, fc.array(word, {maxLength: 3}), fc.boolean(), (name, models, prefixed) => {
      const model = models.reduceRight<object>((inner, around) => sequential(around, [inner]), layer('Dense', name));
      const saved = `${prefixed ? [...models, name].join('/') : name}/kernel`;
      expect(ownerOf(sequential('root', [model]), saved)).toBe(`${[...models, name].join('/')} kernel kernel`);
    }),
  );
});

test('a name with very many parts costs nothing and belongs to nobody', () => {
  expect(ownerOf(plain, `${'d/'.repeat(100_000)}kernel`)).toBe('nobody');
});
