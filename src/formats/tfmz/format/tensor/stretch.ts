import type {Elements} from '../elements.ts';

/** Where one weight lies in the bytes of all. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** The words to be coded: what they are, how many axes their weight has, and where they lie. */
export interface Stretch {
  readonly elements: Elements;
  readonly rank: number;
  readonly place: Place;
}
