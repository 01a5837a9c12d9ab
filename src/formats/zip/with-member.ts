import {crc32} from '../tfmz/format/crc32.ts';
import {LOCAL_BYTES, refused, STORED, viewOf, type Zip} from './zip.ts';

/**
 * A zip file with another content for one member, which is stored. All else keeps its bytes and order.
 *
 * @throws TfmotError `unsupported-model` when it would need more than 4 GiB.
 */
export function withMember(
  bytes: Uint8Array,
  {members, directory, end}: Zip,
  name: string,
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const inOrder = [...members].sort((a, b) => a.header - b.header);
  const place = inOrder.findIndex(member => member.name === name);
  const {header, entry} = inOrder[place]!;
  const after = inOrder[place + 1]?.header ?? directory;
  const nameSize = viewOf(bytes).getUint16(header + 26, true);
  const local = bytes.slice(header, header + LOCAL_BYTES + nameSize);
  const grown = local.length + content.length - (after - header);
  if (bytes.length + grown >= 0xffffffff) throw refused('with these weights it would be larger than 4 GiB');
  const file = new Uint8Array(bytes.length + grown);
  file.set(bytes.subarray(0, header));
  file.set(local, header);
  file.set(content, header + local.length);
  file.set(bytes.subarray(after), after + grown);
  const view = viewOf(file);
  const crc = crc32(content);
  const facts = (at: number): void => {
    // Neither encrypted nor followed by a copy of its lengths.
    view.setUint16(at - 8, view.getUint16(at - 8, true) & ~8, true);
    view.setUint16(at - 6, STORED, true);
    [crc, content.length, content.length].forEach((value, i) => {
      view.setUint32(at + 4 * i, value, true);
    });
  };
  facts(header + 14);
  view.setUint16(header + 28, 0, true);
  facts(entry.from + grown + 16);
  for (const member of members)
    if (member.header > header) view.setUint32(member.entry.from + grown + 42, member.header + grown, true);
  view.setUint32(end + grown + 16, directory + grown, true);
  return file;
}
