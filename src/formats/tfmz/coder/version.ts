/** Versions of the format. The models of the second are larger and forget sooner; what they are is in the guide. */
export type Version = 1 | 2;
