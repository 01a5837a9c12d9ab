// What draws: bundled into the package with its licences, because nothing else needs it installed.
export * as Plot from '@observablehq/plot';
export {parseHTML} from 'linkedom';
