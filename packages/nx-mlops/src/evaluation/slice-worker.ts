import { parentPort, workerData } from 'node:worker_threads';
import { columnMeasurer, type SlicedSample } from './measure-column';
import type { SliceColumn } from './slice-columns';

/** As a thread: has a sample, takes a column a message, answers with its slices. */
const measure = columnMeasurer(workerData as SlicedSample);
parentPort?.on('message', (column: SliceColumn) => parentPort?.postMessage(measure(column)));
