import {codes, records, sizes} from '../../assembly/contract.mjs';

/** Constants for the kernels: `UNARY_RELU`, `TILE`, `SLAB_ROWS` (bytes from the record's start), `SLAB_BYTES`. */
export function forAssemblyScript() {
  const lines = [];
  for (const [group, {names}] of Object.entries(codes))
    names.forEach((entry, code) => {
      lines.push(constant(`${group}_${upper(nameOf(entry))}`, 'i32', code));
    });
  for (const [name, [value]] of Object.entries(sizes)) lines.push(constant(name, 'i32', value));
  for (const [record, fields] of Object.entries(records)) {
    const {words, count} = layout(fields);
    for (const [name, word] of words) lines.push(constant(`${record}_${upper(name)}`, 'usize', word * 4));
    lines.push(constant(`${record}_BYTES`, 'usize', count * 4));
  }
  return `${lines.join('\n')}\n`;
}

/** Inlined by AssemblyScript itself: the optimiser decides otherwise about what it sees as a variable. */
function constant(name, type, value) {
  return `// @ts-ignore: decorator\n@inline\nexport const ${name}: ${type} = ${value};`;
}

/** The same for TypeScript: `UNARY.relu`, `TILE`, `SLAB.rows` (words from the record's start), `SLAB.bytes`. */
export function forTypeScript() {
  const parts = [];
  for (const [group, {what, names}] of Object.entries(codes)) {
    const lines = names.map((entry, code) => {
      const doc = Array.isArray(entry) ? `  /** ${entry[1]} */\n` : '';
      return `${doc}  ${nameOf(entry)}: ${code},\n`;
    });
    parts.push(`/** ${what} */\nexport const ${group} = {\n${lines.join('')}} as const;\n`);
  }
  for (const [name, [value, what]] of Object.entries(sizes))
    parts.push(`/** ${what} */\nexport const ${name} = ${value};\n`);
  for (const [record, fields] of Object.entries(records)) {
    const {words, count} = layout(fields);
    const entries = [...words.map(([name, word]) => `${name}: ${word}`), `bytes: ${count * 4}`];
    parts.push(
      `/** Fields of a record in memory, in words from where it begins, and its bytes. */\nexport const ${record} = {${entries.join(', ')}} as const;\n`,
    );
  }
  return `\n${parts.join('\n')}`;
}

/** Where each named field of a record begins, and how many words it has. */
function layout(fields) {
  const words = [];
  let count = 0;
  for (const field of fields) {
    const [name, times = '1'] = field.split('*');
    if (name !== '_') words.push([name, count]);
    count += Number(times);
  }
  return {words, count};
}

function nameOf(entry) {
  return Array.isArray(entry) ? entry[0] : entry;
}

function upper(name) {
  return name.replace(/[A-Z]/g, '_$&').toUpperCase();
}
