/** `1,234,567` */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1.23 MB`, in powers of ten. */
export function bytes(count: number): string {
  if (count < 1e3) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toPrecision(3)} kB`;
  return count < 1e9 ? `${(count / 1e6).toPrecision(3)} MB` : `${(count / 1e9).toPrecision(3)} GB`;
}

/** `90.0 %`, and 100 % only where nothing is left. */
export function percent(share: number): string {
  const shown = (100 * share).toFixed(1);
  return `${shown === '100.0' && share < 1 ? '99.9' : shown} %`;
}

/** The share of zeros. */
export function sparsity({elements, nonZeros}: {readonly elements: number; readonly nonZeros: number}): number {
  return elements === 0 ? 0 : 1 - nonZeros / elements;
}
