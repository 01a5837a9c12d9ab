/**
 * The kernels that assembly/index.ts exports, in its order, each with what its source says: parameters and their types,
 * and the comment before it.
 */
export function exportedKernels(read) {
  return [...read('index.ts').matchAll(/^export \{([^}]*)\} from '\.\/([^']+)';$/gm)].flatMap(([, names, file]) => {
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
  return {name, doc: found[1], parameters};
}

/** What TypeScript knows of the kernels: their types, the order of their codes, and how to call each with words of a program. */
export function signatures(kernels) {
  const methods = kernels.map(({name, doc, parameters}) => {
    const list = parameters.map(({label}) => `${label}: number`).join(', ');
    return `${indented(doc)}\n  ${name}(${list}): void;\n`;
  });
  const types = kernels.map(({name, parameters}) => {
    const letters = parameters.map(({type}) => (type === 'f32' ? 'f' : 'i')).join('');
    return `  ${name}: '${letters}',\n`;
  });
  const calls = kernels.map(({name, parameters}) => {
    const words = parameters.map(({type}, i) => `${type === 'f32' ? 'f' : 'i'}[p${i === 0 ? '' : ` + ${i}`}]!`);
    const floats = parameters.some(({type}) => type === 'f32') ? 'f' : '_';
    return `  (k, i, ${floats}, p) => k.${name}(${words.join(', ')}),\n`;
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

/** Calls one kernel with the words at \`p\`, seen as whole numbers and as floats. */
export type CallWords = (k: Kernels, i: Int32Array, f: Float32Array, p: number) => void;

/** How to call each kernel, in the order of {@link PARAMETERS}. */
export const CALLS: readonly CallWords[] = [
${calls.join('')}];
`;
}

function indented(doc) {
  return doc
    .split('\n')
    .map(line => `  ${line}`)
    .join('\n');
}
