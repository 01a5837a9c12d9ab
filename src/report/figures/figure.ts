import type {ReportFacts} from '../facts.ts';
import type {Drawing, Pen} from '../pen.ts';

/** One figure of a report: a small function from facts to a picture. */
export interface Figure {
  /** Tells it apart, in anchors and file names. */
  readonly name: string;
  readonly title: string;
  /** The picture; null where the facts hold nothing to draw. */
  draw(facts: ReportFacts, pen: Pen): Drawing | null;
}
