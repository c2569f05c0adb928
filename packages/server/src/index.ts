export * from './following/follower';
export * from './following/registry-reader';
export * from './logger';
export * from './server';
