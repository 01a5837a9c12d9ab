// What must hold once the README's snippets have run one after another.
const {tf, sparse, file, model, pixels, probabilities} = globalThis;

for (const layer of sparse.layers) {
  const kernel = await layer.getWeights()[0].data();
  const zeros = kernel.filter(value => value === 0).length / kernel.length;
  hold(Math.abs(zeros - 0.9) < 0.01, `90 % of ${layer.name} must be zeros, but ${100 * zeros} % are`);
}
hold(file.length > 50 && file.length < 1500, `a .tfmz file must be small, but has ${file.length} bytes`);
const expected = await model.predict(tf.tensor2d(pixels, [1, pixels.length])).data();
const isSame = expected.every((value, i) => Math.abs(value - probabilities[i]) < 1e-5);
hold(isSame, `the engine must answer ${expected}, but answers ${probabilities}`);

function hold(condition, message) {
  if (!condition) throw new Error(message);
}
