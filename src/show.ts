/** Most characters and values that a message shows of one value. */
const MAX_CHARACTERS = 120;
const MAX_VALUES = 60;

/** Shows a value in a message as the caller wrote it, cut where it gets long. Never throws, whatever the value is. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  let left = MAX_VALUES;
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_, item: unknown) => (left-- > 0 ? showable(item) : undefined));
  } catch {
    return `a value of type ${typeof value}`;
  }
  if (text === undefined) return typeof value;
  text = text.replace(/"(NaN|-?Infinity)"/g, '$1');
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS - 3)}...` : text;
}

/** JSON has no word for numbers that are not finite, and breaks off at whole numbers of any size. */
function showable(value: unknown): unknown {
  return (typeof value === 'number' && !Number.isFinite(value)) || typeof value === 'bigint' ? String(value) : value;
}
