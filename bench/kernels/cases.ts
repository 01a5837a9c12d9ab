// The layers that bench/kernels/main.ts times: each in TensorFlow.js and in every format of the engine's kernels.
import type * as TensorFlow from '@tensorflow/tfjs';
import {
  alignedBytes,
  type Kernels,
  type PackedWeights,
  packDepthwise,
  packPixels,
  packVector,
  padInput,
  planConvolution,
  planeStrideOf,
  READ_SLACK,
  RESERVED_BYTES,
  type WeightFormat,
} from '../../src/inference/kernels/index.ts';
import {seeded} from '../../testing/seeded.ts';

/**
 * One layer to time. `tfjs` and `ours` give closures that run it once; `work` is multiply-adds of four lanes, for a
 * name.
 */
export interface Case {
  readonly name: string;
  tfjs(tf: typeof TensorFlow): () => void;
  ours(kernels: Kernels, memory: WebAssembly.Memory): Map<string, () => void>;
  work(name: string): number;
}

const SPARSITY = 0.9;

/** `[inputs, outputs]` weights whose `blockRows x blockColumns` blocks are zero with probability SPARSITY. */
function weights(inputs: number, outputs: number, blockRows: number, blockColumns: number): Float32Array {
  const random = seeded(inputs * 31 + outputs);
  const kept = new Map<number, boolean>();
  const values = new Float32Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      const block = Math.floor(i / blockRows) * outputs + Math.floor(o / blockColumns);
      if (!kept.has(block)) kept.set(block, random() >= SPARSITY);
      if (kept.get(block)) values[i * outputs + o] = random() - 0.5;
    }
  }
  return values;
}

const BLOCKS: Readonly<Record<WeightFormat, readonly [number, number]>> = {
  csr: [1, 1],
  block: [1, 4],
  inputBlock: [4, 1],
  dense: [1, 1],
};

function denseVectorCase(inputs: number, outputs: number): Case {
  const multiplied = new Map<string, number>();
  return {
    name: `dense ${inputs} -> ${outputs}, batch 1`,
    tfjs(tf) {
      const x = tf.randomUniform([1, inputs]);
      const w = tf.tensor2d(weights(inputs, outputs, 1, 1), [inputs, outputs]);
      return () => tf.dispose(tf.matMul(x, w));
    },
    ours(kernels, memory) {
      const runs = new Map<string, () => void>();
      for (const format of ['csr', 'block', 'inputBlock', 'dense'] as const) {
        const values = weights(inputs, outputs, ...BLOCKS[format]);
        const packed = packVector(format, {values, inputs, outputs}, undefined);
        const at = place(memory, packed, inputs * 4, outputs * 4);
        multiplied.set(format, packed.multiplied / 4);
        runs.set(format, () => kernels[packed.kernel](at.weights, at.x, at.y, -Infinity, Infinity));
      }
      return runs;
    },
    work: name => multiplied.get(name.split(' ')[1]!) ?? 0,
  };
}

function convolutionCase(channels: number, outputs: number, size: number, kernel: number, stride = 1): Case {
  const multiplied = new Map<string, number>();
  const inputs = kernel * kernel * channels;
  const padding = kernel >> 1;
  const plan = planConvolution({
    channels,
    height: size,
    width: size,
    kernelHeight: kernel,
    kernelWidth: kernel,
    strides: [stride, stride],
    dilations: [1, 1],
    padding: [padding, padding, padding, padding],
    planeStride: planeStrideOf(size * size),
    rowStride: size * 4,
  });
  return {
    name: `${kernel}x${kernel} conv ${channels} -> ${outputs} at ${size}x${size}${stride > 1 ? ` stride ${stride}` : ''}`,
    tfjs(tf) {
      const x = tf.randomUniform<TensorFlow.Rank.R4>([1, size, size, channels]);
      const w = tf.tensor4d(weights(inputs, outputs, 1, 1), [kernel, kernel, channels, outputs]);
      return () => tf.dispose(tf.conv2d(x, w, stride, 'same'));
    },
    ours(kernels, memory) {
      const runs = new Map<string, () => void>();
      for (const format of ['csr', 'block', 'dense'] as const) {
        const values = weights(inputs, outputs, ...BLOCKS[format]);
        const geometry = {inputOffsets: plan.inputOffsets, outputStride: plan.outPlane};
        const packed = packPixels(format, {values, inputs, outputs}, undefined, geometry);
        const at = place(
          memory,
          packed,
          channels * plan.shape.planeStride,
          plan.scratchBytes + 2 * outputs * plan.outPlane,
        );
        multiplied.set(format, (packed.multiplied * plan.outHeight * plan.outWidth) / 4);
        const scratch = at.y + outputs * plan.outPlane;
        const compact = scratch + plan.scratchBytes;
        runs.set(format, () => {
          padInput(kernels, plan, at.x, scratch);
          const x = plan.scratchBytes === 0 ? at.x : scratch;
          kernels[packed.kernel](at.weights, x, at.y, plan.pixels, -Infinity, Infinity);
          if (plan.outRow === plan.outWidth * 4) return;
          const outPlane = planeStrideOf(plan.outHeight * plan.outWidth);
          const [rows, columns] = [plan.outHeight, plan.outWidth];
          kernels.copy(at.y, compact, outputs, rows, columns, plan.outPlane, plan.outRow, 4, outPlane, columns * 4, 4);
        });
      }
      return runs;
    },
    work: name => multiplied.get(name.split(' ')[1]!) ?? 0,
  };
}

/** Writes packed weights and random floats as input, one behind the other, and finds the place of the output. */
function place(memory: WebAssembly.Memory, packed: PackedWeights, inputBytes: number, outputBytes: number): Places {
  const weights = ends.get(memory) ?? RESERVED_BYTES;
  const x = weights + alignedBytes(packed.bytes.length);
  const y = x + alignedBytes(inputBytes) + READ_SLACK;
  const end = y + alignedBytes(outputBytes) + READ_SLACK;
  ends.set(memory, end);
  if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));
  new Uint8Array(memory.buffer, weights).set(packed.bytes);
  const random = seeded(7);
  const floats = new Float32Array(memory.buffer, x, inputBytes / 4);
  for (let i = 0; i < floats.length; i++) floats[i] = random() - 0.5;
  return {weights, x, y};
}

interface Places {
  readonly weights: number;
  readonly x: number;
  readonly y: number;
}

function depthwiseCase(channels: number, size: number, stride: number): Case {
  const plan = planConvolution({
    channels: 1,
    height: size,
    width: size,
    kernelHeight: 3,
    kernelWidth: 3,
    strides: [stride, stride],
    dilations: [1, 1],
    padding: [1, 1, 1, 1],
    planeStride: planeStrideOf(size * size),
    rowStride: size * 4,
  });
  const values = new Float32Array(9 * channels).fill(0.1);
  return {
    name: `depthwise 3x3 of ${channels} at ${size}x${size} stride ${stride}, dense`,
    tfjs(tf) {
      const x = tf.randomUniform<TensorFlow.Rank.R4>([1, size, size, channels]);
      const w = tf.tensor4d(values, [3, 3, channels, 1]);
      return () => tf.dispose(tf.depthwiseConv2d(x, w, stride, 'same'));
    },
    ours(kernels, memory) {
      const output = {planeStride: planeStrideOf(plan.outHeight * plan.outWidth), rowStride: plan.outWidth * 4};
      const packed = packDepthwise(values, channels, 1, undefined, plan, output);
      const outputBytes = channels * output.planeStride;
      const at = place(memory, packed, channels * plan.shape.planeStride, outputBytes + plan.scratchBytes);
      return new Map([
        ['csr', () => kernels.depthwise1x16(at.weights, at.x, at.y, at.y + outputBytes, -Infinity, Infinity)],
      ]);
    },
    work: () => (channels * 9 * plan.outHeight * plan.outWidth) / 4,
  };
}

const ends = new WeakMap<WebAssembly.Memory, number>();

/** All layers timed. */
export const cases: readonly Case[] = [
  denseVectorCase(3136, 1024),
  denseVectorCase(512, 2048),
  convolutionCase(128, 128, 56, 1),
  convolutionCase(256, 256, 28, 1),
  convolutionCase(512, 512, 14, 1),
  convolutionCase(128, 128, 28, 3),
  convolutionCase(64, 128, 56, 3, 2),
  convolutionCase(512, 512, 7, 3),
  convolutionCase(512, 512, 7, 1),
  depthwiseCase(32, 65, 1),
  depthwiseCase(64, 65, 2),
  depthwiseCase(128, 33, 1),
  depthwiseCase(256, 9, 1),
];
