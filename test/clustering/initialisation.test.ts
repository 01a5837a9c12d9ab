import {describe, expect, test} from 'vitest';
import {toolkitCentroids} from '../../src/quantizers/centroids/initial.ts';
import {casesOf, channelOf, initOf} from './_vectors.ts';

const CASES = casesOf('init');

describe('centroids start bit for bit as in the Python toolkit', () => {
  test.each(CASES.filter(({centroids}) => centroids !== undefined))('$id', given => {
    const {clusters, preserveSparsity, perChannel, weights, centroids} = given;
    const options = {init: initOf(given.init), preserveSparsity, seed: 9};
    const channels = perChannel ? weights.shape.at(-1)! : 1;
    const found = Array.from({length: channels}, (_, channel) =>
      toolkitCentroids(perChannel ? channelOf(weights, channel) : Float32Array.from(weights.data), clusters, options),
    ).flatMap(each => [...each]);
    expect(found).toEqual(centroids!.data.map(Math.fround));
  });
});
