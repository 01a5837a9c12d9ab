import {testFunctions} from './functions.ts';
import {testImages} from './images.ts';
import {testProducts} from './products.ts';

testFunctions('plain');
testImages('plain');
testProducts('plain');
