/** The namespace `quantization`: the quantisers, which need no TensorFlow.js, and the judge of live models. */
export * from '../quantization/index.ts';
export {type MetricOptions, metricOf} from './metric.ts';
