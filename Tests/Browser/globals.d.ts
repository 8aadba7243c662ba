// SPDX-License-Identifier: MIT
// What browsers have and this version of TypeScript does not know.
declare class DecompressionStream {
  constructor(format: "gzip");
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
}

// The global scope of an AudioWorklet.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  port: MessagePort;
}
declare function registerProcessor(name: string, processor: new (options: any) => AudioWorkletProcessor): void;
