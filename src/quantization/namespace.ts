/** The namespace `quantization`: the quantisers, which need no TensorFlow.js, and the judge of live models. */

export {type MetricOptions, metricOf} from '../live/metric.ts';
export * from './index.ts';
