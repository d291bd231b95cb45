/** Messages of the Airbyte protocol 0.18, as far as a source sends them. Times are epoch milliseconds. */
export type Message =
  | { readonly type: 'RECORD'; readonly record: RecordMessage }
  | { readonly type: 'STATE'; readonly state: StateMessage }
  | { readonly type: 'LOG'; readonly log: { readonly level: LogLevel; readonly message: string } }
  | { readonly type: 'TRACE'; readonly trace: TraceMessage }
  | { readonly type: 'SPEC'; readonly spec: Readonly<Record<string, unknown>> }
  | { readonly type: 'CATALOG'; readonly catalog: { readonly streams: readonly Stream[] } }
  | { readonly type: 'CONNECTION_STATUS'; readonly connectionStatus: ConnectionStatus };

/** How serious a log message is. */
export type LogLevel = 'FATAL' | 'ERROR' | 'WARN' | 'INFO' | 'DEBUG' | 'TRACE';

/** Whether a sync reads a stream from its beginning, or what came since the last sync. */
export type SyncMode = 'full_refresh' | 'incremental';

/** Who must act: the user, time alone, or the developers of the connector. */
export type FailureType = 'config_error' | 'transient_error' | 'system_error';

/** Which stream a message is about. Absent and empty namespaces mean the same. */
export interface StreamDescriptor {
  readonly name: string;
  readonly namespace?: string;
}

/** A row. */
export interface RecordMessage {
  readonly stream: string;
  readonly namespace?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly emitted_at: number;
  readonly meta?: { readonly changes: readonly Change[] };
}

/** A field that a row does not hold as fully as the source does. */
export interface Change {
  /** Path in the row, with dots. */
  readonly field: string;
  readonly change: 'TRUNCATED';
  readonly reason: 'SOURCE_FIELD_SIZE_LIMITATION';
}

/** How far a stream is: the next sync starts from here. */
export interface StateMessage {
  readonly type: 'STREAM';
  readonly stream: { readonly stream_descriptor: StreamDescriptor; readonly stream_state: object };
  /** Records of this stream since its previous state. */
  readonly sourceStats: { readonly recordCount: number };
}

/** What happens to a sync or a stream; `type` says which of the other fields is there. */
export interface TraceMessage {
  readonly type: 'ERROR' | 'STREAM_STATUS' | 'ESTIMATE';
  readonly emitted_at: number;
  readonly error?: TraceError;
  readonly stream_status?: {
    readonly stream_descriptor: StreamDescriptor;
    readonly status: StreamStatus;
    readonly reasons?: readonly RateLimited[];
  };
  readonly estimate?: StreamDescriptor & { readonly type: 'STREAM'; readonly row_estimate: number };
}

/** Why a running stream sends nothing for a while, and until when (`quota_reset`). */
export interface RateLimited {
  readonly type: 'RATE_LIMITED';
  readonly rate_limited: { readonly quota_reset: number };
}

/** An error, as the user and the platform are told about it. */
export interface TraceError {
  readonly message: string;
  readonly internal_message?: string;
  readonly stack_trace?: string;
  readonly failure_type: FailureType;
  readonly stream_descriptor?: StreamDescriptor;
}

/** How a stream is doing. COMPLETE and INCOMPLETE are final. */
export type StreamStatus = 'STARTED' | 'RUNNING' | 'COMPLETE' | 'INCOMPLETE';

/** A stream as `discover` describes it. */
export interface Stream {
  readonly name: string;
  readonly json_schema: object;
  readonly supported_sync_modes: readonly SyncMode[];
  readonly source_defined_cursor: boolean;
  readonly default_cursor_field: readonly string[];
  readonly source_defined_primary_key: readonly (readonly string[])[];
  readonly is_resumable: boolean;
}

/** The result of `check`. */
export interface ConnectionStatus {
  readonly status: 'SUCCEEDED' | 'FAILED';
  readonly message?: string;
}

/** Sends one message; resolves when the reader can take more, and rejects when it is gone. */
export type Write = (message: Message) => Promise<void>;

/** A line of the log. */
export function log(level: LogLevel, message: string): Message {
  return { type: 'LOG', log: { level, message } };
}

/** Tells the platform how a stream is doing. */
export function streamStatus(stream: StreamDescriptor, status: StreamStatus, emitted_at: number): Message {
  return {
    type: 'TRACE',
    trace: { type: 'STREAM_STATUS', emitted_at, stream_status: { stream_descriptor: stream, status } },
  };
}

/** Says that a stream waits until `quota_reset` because of a limit of the source; the next record ends the wait. */
export function rateLimited(stream: StreamDescriptor, quota_reset: number, emitted_at: number): Message {
  const reasons: readonly RateLimited[] = [{ type: 'RATE_LIMITED', rate_limited: { quota_reset } }];
  return {
    type: 'TRACE',
    trace: {
      type: 'STREAM_STATUS',
      emitted_at,
      stream_status: { stream_descriptor: stream, status: 'RUNNING', reasons },
    },
  };
}

/** Says how many rows a stream is expected to have in this sync. */
export function estimate(stream: StreamDescriptor, row_estimate: number, emitted_at: number): Message {
  return {
    type: 'TRACE',
    trace: { type: 'ESTIMATE', emitted_at, estimate: { ...stream, type: 'STREAM', row_estimate } },
  };
}

/** Tells the user and the platform about an error. */
export function traceError(error: TraceError, emitted_at: number): Message {
  return { type: 'TRACE', trace: { type: 'ERROR', emitted_at, error } };
}
