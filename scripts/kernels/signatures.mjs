/** What the index exports beside kernels. */
const RUNNER = 'program';

/**
 * The kernels that assembly/index.ts exports, in its order, each with what its source says: parameters and their types,
 * and the comment before it.
 */
export function exportedKernels(read) {
  return [...read('index.ts').matchAll(/^export \{([^}]*)\} from '\.\/([^']+)';$/gm)].flatMap(([, names, file]) => {
    if (file === RUNNER) return [];
    const source = read(`${file}.ts`);
    return names.split(',').map(name => kernelIn(source, name.trim(), file));
  });
}

function kernelIn(source, name, file) {
  const found = new RegExp(`(/\\*\\*(?:(?!\\*/)[^])*\\*/)\\nexport function ${name}\\(([^)]*)\\): void`).exec(source);
  if (found === null)
    throw new Error(`assembly/${file}.ts must have 'export function ${name}(...): void' with a comment before it.`);
  const parameters = found[2]
    .split(',')
    .map(parameter => parameter.trim())
    .filter(parameter => parameter !== '')
    .map(parameter => {
      const [, label, type] = /^(\w+): (\w+)$/.exec(parameter) ?? [];
      if (!['f32', 'i32', 'usize'].includes(type))
        throw new Error(`Parameters of kernels must be f32, i32 or usize, but ${name} has '${parameter}'.`);
      return {label, type};
    });
  return {name, file, doc: found[1], parameters};
}

/** What TypeScript knows of the kernels: how each is called, and the order of their codes. */
export function signatures(kernels) {
  const methods = kernels.map(({name, doc, parameters}) => {
    const list = parameters.map(({label}) => `${label}: number`).join(', ');
    return `${indented(doc)}\n  ${name}(${list}): void;\n`;
  });
  const types = kernels.map(({name, parameters}) => {
    const letters = parameters.map(({type}) => (type === 'f32' ? 'f' : 'i')).join('');
    return `  ${name}: '${letters}',\n`;
  });
  return `
/**
 * What the WebAssembly modules export. Offsets and strides in bytes, counts in elements, all values 32-bit floats.
 * \`weights\` is the offset of packed weights, \`x\` of the input, \`y\` of the output; outputs must not overlap inputs
 * unless said otherwise.
 */
export interface Kernels {
${methods.join('')}}

/** The type of each parameter, by kernel: \`i\` for a whole number of 32 bits, \`f\` for a float. Their order is that of the codes. */
export const PARAMETERS: Readonly<Record<keyof Kernels, string>> = {
${types.join('')}};
`;
}

/** The switch of AssemblyScript that calls a kernel by its code, with arguments as words; code 1 is the first kernel. */
export function dispatch(kernels) {
  const imports = kernels.map(({name, file}) => `import {${name}} from './${file}';\n`);
  const cases = kernels.map(({name, parameters}, i) => {
    const words = parameters.map(({type}, word) => `load<${type}>(p, ${word * 4})`);
    return `    case ${i + 1}:\n      ${name}(${words.join(', ')});\n      break;\n`;
  });
  return `${imports.join('')}
export function call(code: i32, p: usize): void {
  switch (code) {
${cases.join('')}    default:
      unreachable();
  }
}
`;
}

function indented(doc) {
  return doc
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n');
}
