export {blockPixels, densePixels} from './block-pixels';
export {csrPixels} from './csr-pixels';
export {depthwise} from './depthwise';
export {binary, unary} from './elementwise';
export {copy, fill, pad, transpose} from './move';
export {pool, resizeBilinear} from './pool';
export {gru, gruReset, gruUpdate, lstm} from './recurrent';
export {layerNorm, reduce, softmax} from './reduce';
export {blockVector, csrVector, denseVector, inputBlockVector} from './vector';
