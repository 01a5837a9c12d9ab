import '@tensorflow/tfjs-backend-cpu';
import type {serialization} from '@tensorflow/tfjs-core';
import {layers} from '@tensorflow/tfjs-layers';
import {expect, test} from 'vitest';
import {checkLeaks} from '../../../testing/leaks.ts';
import {constantSparsity} from '../schedules/constant-sparsity.ts';
import {argsFromConfig} from './wrapper-config.ts';

checkLeaks();

test.each([
  [{}, {blockSize: [1, 1], blockPoolingType: 'AVG', sparsityMByN: null}],
  [{blockSize: [2, 3]}, {blockSize: [2, 3], blockPoolingType: 'AVG', sparsityMByN: null}],
  [{blockPoolingType: 'max'}, {blockSize: [1, 1], blockPoolingType: 'MAX', sparsityMByN: null}],
  [{sparsityMByN: [2, 4]}, {blockSize: [1, 1], blockPoolingType: 'AVG', sparsityMByN: [2, 4]}],
])('a saved wrapper with %j', (saved, expected) => {
  const layer = layers.dense({units: 2, name: 'inner'});
  const args = argsFromConfig({
    layer: {className: 'Dense', config: layer.getConfig()},
    pruningSchedule: constantSparsity({targetSparsity: 0.5, beginStep: 3}).getConfig(),
    ...saved,
  } as unknown as serialization.ConfigDict);
  expect(args).toMatchObject(expected);
  expect(args.layer.name).toBe('inner');
  expect(args.pruningSchedule?.getConfig()).toMatchObject({config: {targetSparsity: 0.5, beginStep: 3}});
});
