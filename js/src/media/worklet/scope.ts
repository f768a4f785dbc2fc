/** The parts of AudioWorkletGlobalScope used here: TypeScript's DOM library leaves them out. */

export interface WorkletProcessor {
  readonly port: MessagePort;
}

interface WorkletScope {
  readonly currentTime: number;
  readonly sampleRate: number;
  AudioWorkletProcessor: new () => WorkletProcessor;
  registerProcessor(name: string, processor: new () => WorkletProcessor): void;
}

/** This worklet's global scope. */
export const scope = globalThis as unknown as WorkletScope;
