// Owns how a mesh's blendshapes are found: ARKit names under any spelling, and the presets of VRM models.
using System;
using System.Collections.Generic;
using System.Text;

namespace EmotionRuntime
{
    /// <summary>Names are compared by their letters and digits alone, at the end: "blendShape1.Jaw_Open" is jawOpen.</summary>
    public static class ShapeNames
    {
        /// <summary>For each emotion the VRM presets that show it, best first (VRM 1, then VRM 0, then VRoid's meshes).</summary>
        private static readonly Dictionary<string, string[]> Presets = new Dictionary<string, string[]>
        {
            ["joy"] = new[] { "happy", "joy", "fcl_all_joy" },
            ["anger"] = new[] { "angry", "fcl_all_angry" },
            ["sadness"] = new[] { "sad", "sorrow", "fcl_all_sorrow" },
            ["fear"] = new[] { "surprised", "fcl_all_surprised", "sorrow" },
            ["surprise"] = new[] { "surprised", "fcl_all_surprised" },
            ["disgust"] = new[] { "angry", "fcl_all_angry" },
        };

        /// <summary>For each wanted name the index of the mesh's blendshape, or -1.</summary>
        public static int[] Match(IList<string> wanted, IList<string> mesh)
        {
            var plain = new string[mesh.Count];
            for (int i = 0; i < plain.Length; i++)
            {
                plain[i] = Plain(mesh[i]);
            }
            var found = new int[wanted.Count];
            for (int i = 0; i < found.Length; i++)
            {
                found[i] = Find(Spellings(wanted[i]), plain);
            }
            return found;
        }

        /// <summary>For each emotion the index of the mesh's preset, or -1.</summary>
        public static int[] MatchPresets(IList<string> emotions, IList<string> mesh)
        {
            var found = new int[emotions.Count];
            for (int i = 0; i < found.Length; i++)
            {
                found[i] = -1;
                if (!Presets.TryGetValue(emotions[i], out string[] presets))
                {
                    continue;
                }
                for (int j = 0; j < presets.Length && found[i] < 0; j++)
                {
                    found[i] = Match(new[] { presets[j] }, mesh)[0];
                }
            }
            return found;
        }

        /// <summary>How many were found.</summary>
        public static int Count(int[] matches)
        {
            int count = 0;
            foreach (int match in matches)
            {
                count += match >= 0 ? 1 : 0;
            }
            return count;
        }

        private static int Find(List<string> names, string[] plain)
        {
            foreach (string name in names)
            {
                int exact = Array.IndexOf(plain, name);
                if (exact >= 0)
                {
                    return exact;
                }
            }
            // A prefix, such as the mesh's name, must not turn one shape into another: "unhappy" is not "happy".
            foreach (string name in names)
            {
                for (int i = 0; i < plain.Length; i++)
                {
                    if (plain[i].EndsWith(" " + name, StringComparison.Ordinal))
                    {
                        return i;
                    }
                }
            }
            return -1;
        }

        /// <summary>jawOpen is also written jaw_open; mouthSmileLeft also mouthSmile_L.</summary>
        private static List<string> Spellings(string name)
        {
            var spellings = new List<string> { Plain(name) };
            foreach (string side in new[] { "Left", "Right" })
            {
                if (name.EndsWith(side, StringComparison.Ordinal))
                {
                    spellings.Add(Plain(name.Substring(0, name.Length - side.Length) + "_" + side[0]));
                }
            }
            return spellings;
        }

        /// <summary>Lower-case words with one space between: at capitals, digits' ends and whatever is no letter.</summary>
        private static string Plain(string name)
        {
            var plain = new StringBuilder();
            bool lower = false;
            foreach (char c in name)
            {
                if (!char.IsLetterOrDigit(c))
                {
                    lower = false;
                    Space(plain);
                    continue;
                }
                if (char.IsUpper(c) && lower)
                {
                    Space(plain);
                }
                lower = !char.IsUpper(c);
                plain.Append(char.ToLowerInvariant(c));
            }
            return plain.ToString();
        }

        private static void Space(StringBuilder plain)
        {
            if (plain.Length > 0 && plain[plain.Length - 1] != ' ')
            {
                plain.Append(' ');
            }
        }
    }
}
