/**
 * Rows that evaluation and bulk prediction hand to `predict` at once: where an MLP 14-32-1 with one string feature was
 * fastest on one thread (x64, Node 20, ONNX Runtime 1.30). Rows/s in millions, with and without the string feature:
 * 256 rows 3.7 / 8.7, 1024 5.2 / 22, 4096 5.7 / 33, 8192 6.2 / 36, 16384 5.9 / 32, 65536 4.9 / 29.
 */
export const defaultBatchRows = 8192;
