import { keepCompiledCode } from './compile-cache.ts';

keepCompiledCode();
const { runProgram } = await import('./program.ts');
await runProgram();
