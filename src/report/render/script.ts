/**
 * What a page does beside showing: the slider of a mask draws the moment that it stands at, from the facts in the page.
 * Without scripts the last moment is shown.
 */
export const SCRIPT = `
for (const scrubber of document.querySelectorAll('.scrubber')) {
  const {run} = JSON.parse(document.getElementById('facts').textContent);
  const name = scrubber.dataset.weight;
  const first = run.updates.find(({masks}) => Object.hasOwn(masks, name)).masks[name];
  const frames = run.updates.filter(({masks}) => Object.hasOwn(masks, name) && masks[name].rows === first.rows && masks[name].columns === first.columns);
  const [label, output, input, path] = ['label', 'output', 'input', 'path'].map(tag => scrubber.querySelector(tag));
  label.hidden = false;
  input.addEventListener('input', () => {
    const {step, masks} = frames[input.value];
    const {rows, columns, bits} = masks[name];
    const bytes = atob(bits);
    let d = '';
    for (let bit = 0; bit < rows * columns; bit++)
      if (bytes.charCodeAt(bit >> 3) >> (bit & 7) & 1) d += 'M' + (bit % columns) + ' ' + Math.floor(bit / columns) + 'h1v1h-1z';
    path.setAttribute('d', d);
    output.textContent = step;
  });
}
`;
