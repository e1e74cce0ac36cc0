import { fileURLToPath } from 'node:url';
import nodeTestRunner from '@nomicfoundation/hardhat-node-test-runner';
import viem from '@nomicfoundation/hardhat-viem';
import { defineConfig } from 'hardhat/config';

// The compiler is the npm package `solc`: nothing is downloaded at build time.
const soljson = fileURLToPath(import.meta.resolve('solc/soljson.js'));

export default defineConfig({
  plugins: [viem, nodeTestRunner],
  paths: {
    sources: ['./src', './test/solidity'],
    tests: { nodejs: './test', solidity: './test/solidity' },
    cache: '../node_modules/.cache/trine-contracts/cache',
    artifacts: '../node_modules/.cache/trine-contracts/build',
  },
  solidity: {
    profiles: {
      default: {
        version: '0.8.37',
        path: soljson,
        settings: {
          evmVersion: 'osaka',
          viaIR: true,
          optimizer: { enabled: true, runs: 200 },
          // Without the hash of the sources, so that a change of a comment does not change the bytecode.
          metadata: { bytecodeHash: 'none' },
        },
      },
    },
  },
  networks: {
    default: { type: 'edr-simulated', chainType: 'l1', hardfork: 'osaka', allowUnlimitedContractSize: false },
  },
});
