/**
 * Version of what an engine hands to a bundle and takes from it: the forms in `domain.ts`, what is selected for it and in
 * which order. Another one is another arithmetic; a bundle says which it was made for.
 */
export const ABI = 1;
