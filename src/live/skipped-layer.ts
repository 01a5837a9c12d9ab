/** A layer that a technique changes nothing in, and why. */
export interface SkippedLayer {
  readonly layer: string;
  readonly className: string;
  readonly reason: string;
}
