/** The look of the page: light and dark, on paper and on a phone. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #5b6570; --line: #d9dee3; --accent: #1f6feb; --empty: #eef1f4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14171a; --soft: #9aa4ae; --line: #333a41; --accent: #6ea8fe; --empty: #23282d; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 760px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 28px; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 40px 0 8px; }
figure { margin: 0; }
figcaption { color: var(--soft); font-size: 14px; overflow-wrap: anywhere; }
svg { display: block; max-width: 100%; height: auto; overflow: visible; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 16px; }
.gallery figcaption { font-size: 12px; margin-top: 4px; }
svg.mask { width: 100%; max-height: 170px; }
svg.mask rect { fill: var(--empty); }
svg.mask path { fill: var(--accent); }
svg.network { width: 100%; font-size: 12px; fill: currentColor; }
svg.network path { fill: none; }
svg.network .gone { stroke: var(--line); stroke-width: 0.5; }
svg.network .left { stroke: var(--accent); stroke-width: 1.2; }
.scrubber svg { max-width: 300px; max-height: none; }
.scrubber label { display: block; }
.scrubber input { width: 100%; max-width: 300px; display: block; }
img.mask { image-rendering: pixelated; max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; width: 100%; }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { main { max-width: none; } section { break-inside: avoid; } .scroll { overflow: visible; } }
`;
