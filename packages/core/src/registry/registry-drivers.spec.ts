import { describeRegistryDriver } from './registry-driver-contract.fixture';
import { inFolder, inFolderStore } from './shared-registries.fixture';

describeRegistryDriver('FileRegistryDriver', inFolder);
describeRegistryDriver('ObjectRegistryDriver', inFolderStore);
