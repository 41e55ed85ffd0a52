/** What a software adapter runs kernels on. */

/** Lanes that a core runs together: the smallest workgroup, so that little work is spread over all cores. */
export const LANES = 8;
/** Navigators of some browsers do not say. */
export const CORES = globalThis.navigator?.hardwareConcurrency ?? 2;
