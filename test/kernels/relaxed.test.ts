import v8 from 'node:v8';
import {testProducts} from './products.ts';

v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
testProducts('relaxed');
