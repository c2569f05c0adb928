import { pythonEnvironment } from '../python-environment';

export const { describeWithPython, runPython } = pythonEnvironment(__dirname);
