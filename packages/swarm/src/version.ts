/** The version that peers, trackers and people are told; kept equal to the package's by a test. */
export const VERSION = '0.1.0';
