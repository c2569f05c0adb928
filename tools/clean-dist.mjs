/**
 * First step of the build of every package (run in its folder): away with what an earlier build left. tsc only adds and
 * replaces, so the output of a source that was moved or removed would stay, be packed, and be put into Nx's cache, from
 * which every other checkout of the same sources would then take it.
 */
import { rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
