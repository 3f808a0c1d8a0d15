/** A count that goes up every so often while somebody looks. */
import { useEffect, useState } from 'preact/hooks'

export function useRegularly(milliseconds: number): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setCount((count) => count + 1), milliseconds)
    return () => clearInterval(timer)
  }, [milliseconds])
  return count
}
