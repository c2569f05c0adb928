/** The name in a version of a file that an evaluation keeps: `predictions/scores.npy` is `predictions-scores.npy`. */
export function predictionFileName(file: string): string {
  return file.replaceAll('/', '-');
}
