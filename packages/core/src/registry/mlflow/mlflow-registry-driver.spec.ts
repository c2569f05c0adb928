import { describeRegistryDriver } from '../registry-driver-contract.fixture';
import { FakeMlflowServer } from './fake-mlflow-server.fixture';
import { onMlflow } from './on-mlflow.fixture';

const server = new FakeMlflowServer();
let address: string;
beforeAll(async () => {
  address = await server.start();
});
afterAll(() => server.stop());

describeRegistryDriver('MlflowRegistryDriver', () => onMlflow(address), { keepsSnapshots: false });
