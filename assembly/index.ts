// Every kernel, in the order of their codes, and what runs a program of them.
export {csrVector1x4, blockVector4x1, denseVector4x1, inputBlockVector1x4} from './vector';
export {csrPixels1x28} from './csr-pixels';
export {blockPixels4x8, densePixels4x8} from './block-pixels';
export {depthwise1x16} from './depthwise';
export {dot} from './dot';
export {matmul4x8} from './matmul';
export {copy, fill, gather, move, pad, transpose} from './move';
export {binary, thresholdRelu, unary} from './elementwise';
export {layerNorm, reduce, reduceColumns, softmax} from './reduce';
export {pool} from './pool';
export {resize} from './resize';
export {gru, gruReset, gruUpdate, lstm} from './recurrent';
export {run} from './program';
