import v8 from 'node:v8';
import {testFunctions} from './functions.ts';
import {testImages} from './images.ts';
import {testProducts} from './products.ts';

v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
testFunctions('relaxed');
testImages('relaxed');
testProducts('relaxed');
