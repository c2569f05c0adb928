import { describeRegistryModel } from './registry-model.fixture';
import { inFolder, inFolderStore } from './shared-registries.fixture';

describeRegistryModel('a registry in a folder', inFolder, { runs: 30, maxSteps: 30 });
describeRegistryModel('a registry in an object store', inFolderStore, { runs: 15, maxSteps: 30 });
