/** What the knowledge pages ask. */
import { useQuery } from "@tanstack/react-query";
import { api, told } from "@/api/client";
import { useListed } from "@/api/pages";
import type { KnowledgeBase, KnowledgeDocument } from "@/api/types";

export const useBases = () =>
  useListed<KnowledgeBase>(["knowledge"], async (page) => {
    const answer = await told(api.GET("/api/v1/knowledge/bases", { params: { query: page } }));
    return { rows: answer.knowledge_bases ?? [], next: answer.next_cursor ?? null };
  });

export const useBase = (id: string) =>
  useQuery({
    queryKey: ["knowledge-base", id],
    queryFn: async () => (await told(api.GET("/api/v1/knowledge/bases/{id}", { params: { path: { id } } }))).knowledge_base,
  });

export const useDocuments = (id: string, prefix: string) =>
  useListed<KnowledgeDocument>(["knowledge-base", id, "documents", prefix], async (page) => {
    const query = { ...page, ...(prefix && { name_prefix: prefix }) };
    const answer = await told(api.GET("/api/v1/knowledge/bases/{base_id}/documents", { params: { path: { base_id: id }, query } }));
    return { rows: answer.knowledge_documents ?? [], next: answer.next_cursor ?? null };
  });

export const useDocument = (id: string, version: string) =>
  useQuery({
    queryKey: ["knowledge-document", id, version],
    queryFn: () => told(api.GET("/api/v1/knowledge/documents/{id}", { params: { path: { id }, query: version ? { document_version_id: version } : {} } })),
  });

export const usePassages = (id: string, question: string) =>
  useQuery({
    queryKey: ["knowledge-base", id, "search", question],
    enabled: question !== "",
    queryFn: async () => (await told(api.GET("/api/v1/knowledge/bases/{base_id}/search", { params: { path: { base_id: id }, query: { question } } }))).passages ?? [],
  });
