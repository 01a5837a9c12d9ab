/** Facts about models, and reports made of them: text, Markdown, one HTML file. Knows no TensorFlow.js. */
export type {
  EpochRecord,
  Histogram,
  LatencyFacts,
  MaskUpdateRecord,
  ModelSummary,
  ReportFacts,
  RunRecord,
  SizeFact,
  Thumbnail,
  WeightFacts,
} from './facts.ts';
export {renderHtml} from './render/html.ts';
export {renderMarkdown} from './render/markdown.ts';
export {renderText} from './render/text.ts';
export {type ReportOptions, report, reportOfRun} from './report.ts';
export {type RunMoment, type RunRecorder, runRecorder} from './run-recorder.ts';
