import {compile} from 'tfjs-model-optimization/inference';
import {drawOn, pictureOf, pixelsOf, pixelsOfSample} from './digits.js';

const element = id => document.getElementById(id);

const engine = await compile(new URL('model/model.json', import.meta.url));
showEngine(engine.describe());

const drawing = element('drawing');
drawOn(drawing, () => classify(pixelsOf(drawing)));
element('clear').addEventListener('click', () => drawing.getContext('2d').clearRect(0, 0, drawing.width, drawing.height));
for (const sample of await (await fetch(new URL('samples.json', import.meta.url))).json()) {
  const pixels = pixelsOfSample(sample);
  const picture = pictureOf(pixels);
  picture.addEventListener('click', () => classify(pixels));
  element('samples').append(picture);
}
element('answer').textContent = 'Ready';

/** Asks the network and shows what it says. */
async function classify(pixels) {
  if (pixels === null) return;
  const start = performance.now();
  const probabilities = await engine.predict(pixels);
  const ms = performance.now() - start;
  const digit = probabilities.indexOf(Math.max(...probabilities));
  element('answer').textContent = `This is a ${digit}. It took ${ms.toFixed(2)} ms.`;
  element('probabilities').replaceChildren(
    ...Array.from(probabilities, value => {
      const item = document.createElement('li');
      item.append(Object.assign(document.createElement('meter'), {value}), ` ${(value * 100).toFixed(1)} %`);
      return item;
    }),
  );
}

function showEngine({ops, variant, weightBytes, activationBytes, memoryBytes}) {
  for (const {layer, kernels, format, nonZeros, multiplyAdds, skippedMultiplyAdds} of ops) {
    const row = element('ops').insertRow();
    const counts = [nonZeros, multiplyAdds, skippedMultiplyAdds].map(count => count.toLocaleString('en'));
    for (const text of [layer, kernels.join(', '), format ?? '', ...counts]) row.insertCell().textContent = text;
  }
  const kilobytes = bytes => `${(bytes / 1000).toFixed(0)} kB`;
  element('memory').textContent =
    `${kilobytes(weightBytes)} of weights and ${kilobytes(activationBytes)} of activations, ` +
    `${kilobytes(memoryBytes)} of memory in all; ${variant === 'relaxed' ? 'relaxed SIMD' : 'plain SIMD'}.`;
}
