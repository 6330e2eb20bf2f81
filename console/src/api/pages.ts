/** Lists by cursor: what is shown grows page by page; an export reads all of it. */
import { useInfiniteQuery, type QueryKey } from "@tanstack/react-query";
import { CALM, isLive } from "./live";

export interface PageOf<Row> {
  rows: Row[];
  next: string | null;
}

export type ReadPage<Row> = (page: { cursor?: string; limit?: number }) => Promise<PageOf<Row>>;

export interface Listed<Row> {
  rows: Row[];
  pending: boolean;
  error: Error | null;
  more: boolean;
  loading: boolean;
  loadMore: () => void;
  again: () => void;
  all: () => AsyncGenerator<Row>;
}

/** often: milliseconds between questions while it is open and nothing tells of changes; false where nothing changes by itself. */
export function useListed<Row>(key: QueryKey, read: ReadPage<Row>, often: number | false = CALM): Listed<Row> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read({ limit: 100, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    refetchInterval: (asked) => ((isLive() && !asked.state.error) || (asked.state.data?.pages.length ?? 0) > 1 ? false : often),
  });
  return {
    rows: query.data?.pages.flatMap((page) => page.rows) ?? [],
    pending: query.isPending,
    error: query.error,
    more: query.hasNextPage,
    loading: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage({ cancelRefetch: false }),
    again: () => void query.refetch(),
    all: () => everyRow(read),
  };
}

export async function* everyRow<Row>(read: ReadPage<Row>): AsyncGenerator<Row> {
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: PageOf<Row> = await read({ limit: 500, ...(cursor ? { cursor } : {}) });
    yield* page.rows;
    cursor = page.next;
  }
}
