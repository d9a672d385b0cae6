// Owns reading the sidecar's token file: one line for each role, its name and its token.
using System;
using System.IO;

namespace EmotionRuntime
{
    internal static class TokenFile
    {
        private const int MostBytes = 64 * 1024;

        /// <summary>The role's token as it is now: a sidecar writes new ones at every start. Throws WrongToken.</summary>
        public static string Read(string path, string role)
        {
            string[] lines;
            try
            {
                if (new FileInfo(path).Length > MostBytes)
                {
                    throw new IOException("it is too long");
                }
                lines = File.ReadAllLines(path);
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException
                || error is ArgumentException || error is NotSupportedException)
            {
                throw new ZmtpException(
                    ZmtpFailure.WrongToken, "the token file " + path + " cannot be read (" + error.Message + ")");
            }
            foreach (string line in lines)
            {
                if (line.StartsWith(role + " ", StringComparison.Ordinal))
                {
                    return line.Substring(role.Length + 1);
                }
            }
            throw new ZmtpException(
                ZmtpFailure.WrongToken, "the token file " + path + " has no token for the role " + role);
        }
    }
}
